package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application on the module path can use what is published, and nothing else. */
@Timeout(300)
class ModulePathTest {

  private static final String MODULE =
      """
      module app {
        requires dev.maestro.core;
        requires dev.maestro.git;
        requires dev.maestro.providers;
        requires dev.maestro.testing;
        provides dev.maestro.agent.AgentProvider with app.Discovered;
      }
      """;

  private static final String PROVIDER =
      """
      package app;

      import dev.maestro.agent.AgentProvider;
      import dev.maestro.agent.ProviderId;
      import dev.maestro.testing.ScriptedAgent;
      import dev.maestro.testing.Turn;

      public final class Discovered {
        public static AgentProvider provider() {
          return ScriptedAgent.named("discovered").otherwise(Turn.says("hello")).build();
        }
      }
      """;

  private static final String APPLICATION =
      """
      package app;

      import dev.maestro.Maestro;
      import dev.maestro.git.GitWorkspaces;
      import dev.maestro.pipeline.Inputs;
      import dev.maestro.pipeline.Pipeline;
      import dev.maestro.pipeline.PipelineFormat;
      import dev.maestro.store.InMemoryStore;
      import dev.maestro.task.RunId;
      import dev.maestro.workspace.DirectoryWorkspaces;
      import java.nio.file.Path;

      public final class Main {
        public static void main(String[] arguments) throws InterruptedException {
          try (Maestro maestro =
              Maestro.builder()
                  .store(InMemoryStore.create())
                  .workspaces(DirectoryWorkspaces.at(Path.of(arguments[0])))
                  .build()) {
            Pipeline pipeline =
                Pipeline.named("hello").step("greet", s -> s.agent("greeter").prompt("Say hello")).build();
            Pipeline read = PipelineFormat.YAML.read(PipelineFormat.YAML.write(pipeline));
            System.out.println(maestro.start(read, RunId.of("r"), Inputs.none()).await().status());
            System.out.println(GitWorkspaces.class.getModule().getName());
          }
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void anApplicationRunsOnTheModulePath() throws Exception {
    String problems = compile(MODULE, PROVIDER, APPLICATION);

    assertThat(problems).isEmpty();
    assertThat(run()).contains("SUCCEEDED").contains("dev.maestro.git");
  }

  @Test
  void theEngineIsNobodysBusiness() throws Exception {
    String application = "package app; class Main { dev.maestro.engine.Engine engine; }";

    assertThat(compile(MODULE, PROVIDER, application)).contains("dev.maestro.engine");
  }

  private String compile(String module, String provider, String application) throws IOException {
    List<Path> sources =
        List.of(
            Files.writeString(directory.resolve("module-info.java"), module),
            Files.writeString(directory.resolve("Discovered.java"), provider),
            Files.writeString(directory.resolve("Main.java"), application));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter problems = new StringWriter();
    List<String> options =
        List.of("-d", directory.resolve("app").toString(), "--module-path", modulePath());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      compiler
          .getTask(problems, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
          .call();
    }
    return problems.toString();
  }

  private String run() throws Exception {
    Path work = Files.createDirectory(directory.resolve("work"));
    Path output = directory.resolve("output.txt");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--module-path",
            directory.resolve("app") + File.pathSeparator + modulePath(),
            "-m",
            "app/app.Main",
            work.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  /** What an application that uses all published modules has, and no test library. */
  private static String modulePath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                !entry.matches(
                    ".*[/\\\\](maestro-examples[/\\\\]target[/\\\\].*|"
                        + "(junit|jqwik|assertj|opentest4j|apiguardian|byte-buddy)[^/\\\\]*)"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
