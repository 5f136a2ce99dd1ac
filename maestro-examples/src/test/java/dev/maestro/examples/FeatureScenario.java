package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.agent.ProviderId;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.providers.CommandAgent;
import dev.maestro.testing.RecordedAgent;
import dev.maestro.testing.crash.CrashScenario;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The main example: its pipeline, its repository, its recorded agents as child processes. */
public final class FeatureScenario implements CrashScenario {

  /**
   * The demo's own check, which compiles the project and runs its tests, asked only once about the
   * same files: its answers are kept, since every run of the matrix asks the same. One that was
   * killed has not answered.
   */
  private static final String REMEMBERING =
      """
      answers=$1; shift; mkdir -p "$answers"
      key=$(find . -name .git -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-64)
      if [ ! -f "$answers/$key.exit" ]; then
        "$@" > "$answers/$key.$$" 2>&1
        code=$?
        if [ $code -ge 128 ]; then exit $code; fi
        echo $code > "$answers/$key.$$.exit"
        mv "$answers/$key.$$" "$answers/$key.out"
        mv "$answers/$key.$$.exit" "$answers/$key.exit"
      fi
      cat "$answers/$key.out"
      exit $(cat "$answers/$key.exit")
      """;

  private static final String NOTING = "echo \"$MAESTRO_TASK_ID\" >> \"$0\"; exec \"$@\"";

  @Override
  public Pipeline pipeline() {
    List<String> check = new ArrayList<>(List.of("sh", "-c", REMEMBERING, "check"));
    check.add(Path.of("target", "crash-matrix-checks").toAbsolutePath().toString());
    check.addAll(FeatureDeliveryMain.demoCheck());
    return FeaturePipeline.with(check, List.of(DemoProject.GUARDED), "main");
  }

  @Override
  public Inputs inputs() {
    return Inputs.of("task", Arguments.DEFAULT_TASK);
  }

  @Override
  public void prepare(Path directory) throws IOException {
    DemoProject.create(directory.resolve("repository"), "main");
    DemoProject.copy("shop/cassette.json", directory.resolve("cassette.json"));
  }

  @Override
  public MaestroBuilder maestro(Path directory) throws IOException {
    List<String> agent = new ArrayList<>(List.of("sh", "-c", NOTING));
    agent.add(directory.resolve(EXECUTIONS).toString());
    agent.addAll(RecordedAgent.childCommand(directory.resolve("cassette.json")));
    return Maestro.builder()
        .workspaces(GitWorkspaces.builder(directory.resolve("repository")).branch("main").build())
        .discoverNothing()
        .provider(CommandAgent.builder(ProviderId.of("recorded"), agent).build())
        .step("report", "1", context -> context.text("review").orElse(""));
  }

  @Override
  public Map<String, String> observe(Path directory) throws IOException {
    return Branches.in(directory.resolve("repository"));
  }

  @Override
  public String comparable(String task, String output) {
    return task.equals("merge") ? Branches.withoutCommits(output) : output;
  }
}
