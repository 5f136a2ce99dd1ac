package dev.maestro.mcp;

import dev.maestro.Maestro;
import dev.maestro.failure.MaestroException;
import dev.maestro.hosted.Hosted;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;

/**
 * Serves the pipelines of a directory to a coding agent, as a program that the agent's MCP
 * configuration names.
 *
 * <p>Over stdin and stdout it serves the one agent that has started it, until that closes its end.
 * With {@code --http} it serves any number of agents of this machine until it is stopped; one that
 * others are to share has to be this way, since one process at a time has a store. Steps work in
 * the directory that it is told, which is the working directory unless it is. Runs that were left
 * open go on when it starts.
 *
 * <p>Agent and plan steps are the host's; commands, gates and conditions are Maestro's own. An
 * application that wants more, such as git workspaces or code steps, serves a {@link Hosted} of its
 * own in the same way.
 */
public final class McpMain {

  private McpMain() {}

  /**
   * Serve; {@code --help} says what there is to say. Ends with 2 when that cannot be understood.
   */
  public static void main(String[] args) throws InterruptedException {
    PrintStream out = System.out;
    // whatever else is printed must not get into the protocol
    System.setOut(System.err);
    int code = run(args, System.in, out);
    if (code != 0) {
      System.exit(code);
    }
  }

  static int run(String[] args, InputStream in, PrintStream out) throws InterruptedException {
    try {
      McpOptions options = McpOptions.of(args);
      if (options.help()) {
        System.err.println(McpOptions.USAGE);
      } else {
        serve(options, in, out);
      }
      return 0;
    } catch (IllegalArgumentException | IOException e) {
      System.err.println(e.getMessage() + "\n\n" + McpOptions.USAGE);
      return 2;
    } catch (MaestroException | UncheckedIOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private static void serve(McpOptions options, InputStream in, PrintStream out)
      throws IOException, InterruptedException {
    try (Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(options.store()))
            .workspaces(DirectoryWorkspaces.at(options.work()))
            .build()) {
      Hosted.Builder builder = Hosted.over(maestro).patience(options.patience());
      options.lease().ifPresent(builder::lease);
      for (Pipeline pipeline : options.pipelines()) {
        builder.pipeline(pipeline);
      }
      try (Hosted hosted = builder.build()) {
        maestro.recover();
        serve(options, hosted, in, out);
      }
    }
  }

  private static void serve(McpOptions options, Hosted hosted, InputStream in, PrintStream out)
      throws IOException, InterruptedException {
    if (options.port().isPresent()) {
      LoopbackServer.Builder server = LoopbackServer.of(hosted).port(options.port().getAsInt());
      options.tokens().forEach((token, name) -> server.host(Actor.of(name), token));
      options.origins().forEach(server::origin);
      serve(server);
    } else {
      try (StdioServer server = StdioServer.serve(hosted, Actor.of(options.host()), in, out)) {
        server.awaitEnd();
      }
    }
  }

  /** Until the JVM is told to end, which closes everything in order. */
  private static void serve(LoopbackServer.Builder builder) throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              told.countDown();
              try {
                main.join();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "maestro-mcp-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try (LoopbackServer server = builder.start()) {
      System.err.println("Serving on " + server.uri());
      told.await();
    }
  }
}
