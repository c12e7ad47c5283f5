# Everything a contributor needs. Each target says what it does when it is run; `make help` lists them.
CONFIGURATION ?= Release
DOTNET ?= dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

.DEFAULT_GOAL := help
.PHONY: help build test bench bench-micro soak chaos demo dist pack format check-format servers clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

build: ## Build the solution
	$(DOTNET) build Plugins.sln -c $(CONFIGURATION)

dist: build ## Publish the host and its plugins to artifacts/dist
	rm -rf artifacts/dist
	$(DOTNET) publish Plugins.sln -c $(CONFIGURATION) --no-build
	@echo "host: artifacts/dist/penstock/penstock   plugins: $$(ls artifacts/dist/plugins | tr '\n' ' ')"

pack: ## Pack the SDK to artifacts/packages
	$(DOTNET) pack sdk/Penstock.Sdk/Penstock.Sdk.csproj -c $(CONFIGURATION) -o artifacts/packages

servers: ## Install redis-server and PostgreSQL when they are missing
	@eng/install-servers.sh

demo: servers dist ## Move 20,000 changes from PostgreSQL through Redis to a file and judge them; ARGS="--forever | --plant loss | --plant duplicate"
	$(DOTNET) run --project eng/demo -c $(CONFIGURATION) --no-build -- $(ARGS)

test: ## Build, check the format, publish, pack and run every test
	@eng/install-servers.sh strace
	@eng/install-postgres.sh 18 >/dev/null
	@eng/test.sh $(CONFIGURATION)

chaos: servers dist ## Kill, cut off and starve the published host and its servers, hundreds of times, and judge what arrives
	@eng/chaos.sh $(CONFIGURATION) $(ARGS)

bench-micro: ## Measure the hot steps one by one, into artifacts/benchmarks-micro; ARGS="--filter *Json* --job medium", or ARGS="--runtime --sinks 2 --json" for the runtime alone
	$(DOTNET) run --project tests/Penstock.MicroBenchmarks -c $(CONFIGURATION) -- $(ARGS)

bench: servers dist ## Measure the published host against real servers, beside yardsticks; ARGS="--list | --rows A,B --runs N --quick | --matrix"
	$(DOTNET) run --project tests/Penstock.Benchmarks -c $(CONFIGURATION) --no-build -- $(ARGS)

soak: servers dist ## Run the published host for half an hour at half of what it can do, and judge it; ARGS="--minutes 5 | --rates wal=5000 | --plant loss"
	$(DOTNET) run --project tests/Penstock.Benchmarks -c $(CONFIGURATION) --no-build -- --soak $(ARGS)

format: ## Format the code
	$(DOTNET) format Plugins.sln

clean: ## Remove what the targets made
	rm -rf artifacts
	$(DOTNET) clean Plugins.sln -c $(CONFIGURATION) -v quiet
