package dev.maestro.langchain4j;

class AnthropicContractTest extends ChatAgentContract {

  @Override
  Vendor vendor() {
    return Vendor.ANTHROPIC;
  }
}
