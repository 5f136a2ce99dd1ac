package dev.maestro.langchain4j;

class OpenAiContractTest extends ChatAgentContract {

  @Override
  Vendor vendor() {
    return Vendor.OPENAI;
  }
}
