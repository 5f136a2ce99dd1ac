package dev.maestro.langchain4j;

class AnthropicStreamingContractTest extends ChatAgentContract {

  @Override
  Vendor vendor() {
    return Vendor.ANTHROPIC_STREAMING;
  }
}
