package dev.maestro.langchain4j;

class OpenAiStreamingContractTest extends ChatAgentContract {

  @Override
  Vendor vendor() {
    return Vendor.OPENAI_STREAMING;
  }
}
