namespace Penstock.Runtime;

/// <summary>The pipeline cannot go on until an operator acts. The message says where, what and, through its cause, what to do.</summary>
sealed class PipelineFailureException(string message, Exception cause) : Exception(message, cause)
{
    public PipelineState State => InnerException is PluginException { Kind: FailureKind.PositionLost } ? PipelineState.PositionLost : PipelineState.Failed;
}
