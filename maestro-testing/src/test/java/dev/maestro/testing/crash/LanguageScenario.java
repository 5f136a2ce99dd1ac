package dev.maestro.testing.crash;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.agent.ProviderId;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.providers.CommandAgent;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Most of what a pipeline can say: plan, approval, condition, timers, gates, code, commands, a list
 * gone over and a pipeline inside.
 */
public final class LanguageScenario implements CrashScenario {

  private static final Backoff SOON = Backoff.fixed(Duration.ofMillis(20));

  // Refuses an empty prompt, as agents do: a kill closes the pipe before the prompt has come.
  private static final String AGENT =
      """
      prompt=$(cat)
      file=$(echo "$MAESTRO_TASK_ID" | tr / -).txt
      [ -n "$prompt" ] || exit 1
      echo "$MAESTRO_TASK_ID" >> executions
      case "$prompt" in
        plan*) printf '```tasks\\n- [ ] T001: one | File: a\\n- [ ] T002: two | File: b\\n```\\n' ;;
        flaky*) [ "$MAESTRO_ATTEMPT" -gt 1 ] && echo well > flaky.txt; echo tried ;;
        *) echo "$MAESTRO_TASK_ID" > "$file"; echo "did $MAESTRO_TASK_ID" ;;
      esac
      echo '@maestro {"usage": {"input": 10, "output": 5, "cost": "0.01"}}'
      """;

  @Override
  public Pipeline pipeline() {
    return Pipeline.named("language")
        .timeLimit(Duration.ofHours(1))
        .step(
            "greet",
            s -> s.command("sh", "-c", "echo greet >> executions; echo hello").output("greeting"))
        .step(
            "plan",
            s ->
                s.plan("planner")
                    .after("greet")
                    .prompt("plan {{ greeting }} {{ task }}")
                    .template("piece")
                    .attempts(3)
                    .backoff(SOON))
        .template(
            "piece", s -> s.agent("engineer").prompt("{{ item.text }}").attempts(3).backoff(SOON))
        .step(
            "flaky",
            s ->
                s.agent("engineer")
                    .after("plan")
                    .prompt("flaky")
                    .output("tried")
                    .gate(Gate.command("sh", "-c", "test -f flaky.txt"))
                    .attempts(4)
                    .backoff(SOON))
        .step("release", s -> s.approval("Release it?").after("flaky").delay(Duration.ofMillis(50)))
        .step(
            "never",
            s -> s.command("false").after("release").when("{{ tried }} contains 'nothing'"))
        .step(
            "names",
            s -> s.code("names", "1").after("flaky").output(Output.json("names", List.class)))
        .step("each", LanguageScenario::overTheNames)
        .step("inside", LanguageScenario::inside)
        .step("count", s -> s.code("count", "1").after("release", "inside").output("count"))
        .build();
  }

  /** Two at a time; the element in the middle fails for good, which the others survive. */
  private static void overTheNames(StepBuilder each) {
    each.forEach("{{ names }}")
        .as("name")
        .parallel(2)
        .failure(Action.Failure.KEEP)
        .pipeline(
            p ->
                p.step(
                        "write",
                        s -> s.agent("engineer").prompt("{{ name }}").attempts(3).backoff(SOON))
                    .step(
                        "check",
                        s ->
                            s.command(
                                    "sh",
                                    "-c",
                                    "echo check-{{ name }} >> executions; [ {{ name }} != b ] && echo ok-{{ name }}")
                                .after("write")
                                .output("checked")))
        .outputs("checked")
        .after("names")
        .output("all");
  }

  private static void inside(StepBuilder inside) {
    inside
        .pipeline(
            p ->
                p.step(
                        "told",
                        s ->
                            s.command("sh", "-c", "echo told >> executions; echo {{ what }}")
                                .output("told"))
                    .step("pause", s -> s.after("told").delay(Duration.ofMillis(20)))
                    .step(
                        "write",
                        s ->
                            s.agent("engineer")
                                .after("pause")
                                .prompt("{{ told }}")
                                .attempts(3)
                                .backoff(SOON)))
        .input("what", "{{ greeting }}")
        .after("each");
  }

  @Override
  public Inputs inputs() {
    return Inputs.of("task", "everything");
  }

  @Override
  public MaestroBuilder maestro(Path directory) {
    return Maestro.builder()
        .discoverNothing()
        .provider(CommandAgent.of(ProviderId.of("sh"), "sh", "-c", AGENT))
        .workspaces(DirectoryWorkspaces.at(directory))
        .step(
            "names",
            "1",
            context -> {
              CrashScenario.executed(directory, "names");
              return List.of("a", "b", "c");
            })
        .step(
            "count",
            "1",
            context -> {
              CrashScenario.executed(directory, "count");
              return observe(directory).size();
            });
  }

  @Override
  public Map<String, String> observe(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.filter(one -> one.toString().endsWith(".txt")).toList()) {
        files.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return files;
  }
}
