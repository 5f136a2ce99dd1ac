package dev.maestro.examples;

import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import java.time.Duration;
import java.util.List;

/** The pipeline of the main example: from a wish to a merged feature. */
final class FeaturePipeline {

  private static final Backoff SOON =
      new Backoff(Duration.ofMillis(200), 2, Duration.ofSeconds(30), 0.2);

  private FeaturePipeline() {}

  /**
   * {@return the pipeline}
   *
   * @param check the command that compiles the project and runs its tests
   * @param guarded files that no agent may change, because the check rests on them
   * @param branch the branch to merge into
   */
  static Pipeline with(List<String> check, List<String> guarded, String branch) {
    Gate gate = gate(check, guarded);
    return Pipeline.named("feature")
        .description("A feature, from a wish to the merge")
        .step("survey", s -> s.command("git", "log", "--oneline", "-n", "20").output("history"))
        .step(
            "plan",
            s ->
                s.plan("planner")
                    .after("survey")
                    .prompt(
                        """
                        Plan this feature for the project in this directory: {{ task }}

                        The last commits:
                        {{ history }}

                        Do not change any file. Split the work into two or three tasks that can be done at the same time
                        by different people who do not see each other's work. Answer with a fenced block named tasks:

                        ```tasks
                        ## Phase 1: The pieces
                        - [ ] T001: What to do | File: path/of/the/main/file
                        ```
                        """)
                    .template("implement")
                    .output("plan")
                    .attempts(4)
                    .backoff(SOON))
        .template(
            "implement",
            s ->
                s.agent("engineer")
                    .prompt(
                        """
                        You work on one task of a plan, {{ item.position }}: {{ item.text }}
                        Main file: {{ item.file }}

                        The feature is: {{ task }}
                        The whole plan, for orientation only:
                        {{ plan }}

                        Do only this task, with tests of its own, in this directory. Others do the other tasks.
                        """)
                    .gate(gate)
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "assemble",
            s ->
                s.agent("engineer")
                    .after("plan")
                    .prompt(
                        """
                        The tasks of this plan are done and their work is in this directory:
                        {{ plan }}

                        Put the pieces together so that the feature works: {{ task }}
                        Add tests for the whole.
                        """)
                    .gate(gate)
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "document",
            s ->
                s.agent("writer")
                    .after("plan")
                    .prompt("Describe this feature in the README of this project: {{ task }}")
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "review",
            s ->
                s.agent("reviewer")
                    .after("assemble", "document")
                    .prompt(
                        """
                        Review the work in this directory (its last commits) for this feature: {{ task }}
                        Do not change any file. Begin your answer with 'Verdict: approved' or 'Verdict: changes needed'.
                        """)
                    .output("review")
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "polish",
            s ->
                s.agent("engineer")
                    .after("review")
                    .when("{{ review }} contains 'changes needed'")
                    .prompt("Do what this review asks for, and nothing else:\n{{ review }}")
                    .gate(gate)
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "merge",
            s ->
                s.command("git", "log", "--oneline", "-n", "20")
                    .after("review", "polish")
                    .title("Merge the feature")
                    .gate(gate)
                    .mergeInto(branch)
                    .output("merged"))
        .step("report", s -> s.code("report", "1").after("merge").output("report"))
        .build();
  }

  private static Gate gate(List<String> check, List<String> guarded) {
    String[] arguments = check.subList(1, check.size()).toArray(String[]::new);
    return Gate.command(check.get(0), arguments)
        .named("project check")
        .protects(guarded.toArray(String[]::new))
        .timeout(Duration.ofMinutes(10));
  }
}
