#!/usr/bin/env bash
# Tries again what did not restore when docs/decisions was written.
# Exit 0: all still fail, as recorded. Exit 1: something restores now, and its decision deserves another look.
set -euo pipefail

# package, version (newest of a line), the decision that stands on its absence
packages=(
    "McMaster.NETCore.Plugins|*|0001-plugin-loading"
    "StackExchange.Redis|2.*|0002-redis-client"
    "StackExchange.Redis|3.*|0002-redis-client"
    "NJsonSchema|11.*|0003-njsonschema-10"
    "Microsoft.Extensions.Hosting|10.0.*|0007-hosting-through-shared-framework"
)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changed=0

for entry in "${packages[@]}"; do
    IFS='|' read -r package version decision <<<"$entry"
    rm -rf "$work/project" && mkdir "$work/project"
    cat >"$work/project/probe.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="$package" Version="$version" /></ItemGroup>
</Project>
XML

    # A package folder of its own: what an earlier build left in the user's must not help.
    if (cd "$work/project" && dotnet restore --packages "$work/packages" --no-http-cache -tl:off >"$work/log" 2>&1); then
        found=$(sed -n 's/^ *"'"$package"'\/\([^"]*\)": {$/\1/p' "$work/project/obj/project.assets.json" | head -n 1)
        echo "RESTORES NOW  $package $version ($found): look at docs/decisions/$decision.md"
        changed=1
    else
        # The code and its sentence, without the names of the sources and the project's path.
        reason=$(grep -oE 'error NU[0-9]+: .*' "$work/log" | head -n 1 | sed -E 's/ No packages exist with this id in source\(s\):.*//; s/ \[[^]]*\]$//; s/ in source\(s\).*//')
        echo "not restored  $package $version: ${reason:-$(grep -m 1 -i error "$work/log" || tail -n 1 "$work/log")}"
    fi
done

if [ "$changed" -eq 0 ]; then
    echo "still as recorded"
fi

exit "$changed"
