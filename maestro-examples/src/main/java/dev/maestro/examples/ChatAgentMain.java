package dev.maestro.examples;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.ProviderId;
import dev.maestro.gate.Gate;
import dev.maestro.langchain4j.ChatAgent;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Guardrail;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.RunId;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How does a chat model become a coding agent?
 *
 * <p>A program adds up a cart and forgets how many of each item there are. The agent looks for the
 * mistake, mends it and runs the compiler, as far as the guardrail for commands has nothing against
 * it; a gate checks the result. The model is a scripted one behind real HTTP, so that this runs
 * anywhere. With a base URL and a model's name it is a real one, whose key is in {@code
 * CHAT_API_KEY}. Exit code 1 if anything else happened.
 */
public final class ChatAgentMain {

  private static final String TASK = "The total of the cart is wrong. Mend it.";
  private static final String CART =
      """
      class Cart {
        static int total(int price, int pieces) {
          return price;
        }
      }
      """;
  private static final String CHECK =
      """
      public class Check {
        public static void main(String[] arguments) {
          if (Cart.total(3, 4) != 12) {
            throw new AssertionError("three times four is twelve");
          }
        }
      }
      """;

  private ChatAgentMain() {}

  /** Tell the story; a base URL and a model's name take a real one. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2) {
      String key = System.getenv("CHAT_API_KEY");
      System.exit(tell(System.out, model(arguments[0], key, arguments[1])) ? 0 : 1);
    }
    try (ModelServer server = scripted()) {
      System.exit(tell(System.out, model(server.baseUrl(), "none", "scripted")) ? 0 : 1);
    }
  }

  private static ChatModel model(String url, String key, String name) {
    return OpenAiChatModel.builder().baseUrl(url).apiKey(key).modelName(name).maxRetries(0).build();
  }

  /** {@return what a model would say, behind HTTP} */
  static ModelServer scripted() {
    return ModelServer.builder()
        .on(
            TASK,
            ModelTurn.calls(
                ModelCall.of("search_files", Map.of("text", "total")),
                ModelCall.of("read_file", Map.of("path", "Cart.java"))),
            ModelTurn.calls(
                ModelCall.of(
                    "edit_file",
                    Map.of(
                        "path",
                        "Cart.java",
                        "old_text",
                        "return price;",
                        "new_text",
                        "return price * pieces;"))),
            ModelTurn.calls(
                ModelCall.of(
                    "run_command",
                    Map.of("command", List.of("javac", "-d", "out", "Check.java", "Cart.java")))),
            ModelTurn.says("The price is multiplied by the number of pieces now."))
        .start();
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out, ChatModel model) throws IOException, InterruptedException {
    Path place = Files.createTempDirectory("chat");
    try {
      Files.writeString(place.resolve("Cart.java"), CART);
      Files.writeString(place.resolve("Check.java"), CHECK);
      return tell(out, model, place);
    } finally {
      DemoProject.delete(place);
    }
  }

  private static boolean tell(PrintStream out, ChatModel model, Path place)
      throws IOException, InterruptedException {
    AgentProvider agent =
        ChatAgent.builder(ProviderId.of("chat"), model).commands("java", "javac").build();
    Pipeline pipeline =
        Pipeline.named("mend")
            .guard(Guardrail.commands())
            .step(
                "mend",
                s ->
                    s.agent("engineer")
                        .prompt(TASK)
                        .output("said")
                        .gate(Gate.command("javac", "-d", "out", "Check.java", "Cart.java"))
                        .gate(Gate.command("java", "-cp", "out", "Check")))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(agent)
            .workspaces(DirectoryWorkspaces.at(place))
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("mend-1"), Inputs.none());
      RunResult result = run.await();
      out.println(Files.readString(place.resolve("Cart.java")));
      out.println("The run is " + result.status() + ", and the model says:");
      out.println(result.text("said").orElse("nothing"));
      return result.isSuccess();
    }
  }
}
