package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.maestro.testing.ModelServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program that makes a coding agent of a chat model goes as it promises. */
@Timeout(300)
class ChatStoryTest {

  @Test
  void aChatModelMendsAProgramAndTheGateSaysSo() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
    try (ModelServer server = ChatAgentMain.scripted()) {
      OpenAiChatModel model =
          OpenAiChatModel.builder()
              .baseUrl(server.baseUrl())
              .apiKey("none")
              .modelName("scripted")
              .maxRetries(0)
              .build();

      boolean asPromised = ChatAgentMain.tell(printer, model);

      assertThat(asPromised).as(out.toString(StandardCharsets.UTF_8)).isTrue();
      assertThat(out.toString(StandardCharsets.UTF_8))
          .contains("return price * pieces;")
          .contains("multiplied by the number of pieces");
      assertThat(server.requests()).hasSize(4);
    }
  }
}
