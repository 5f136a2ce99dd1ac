package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A workflow in a file, and a client's calls, for all transports. */
final class Workflows {

  static final String TDD =
      """
      name: tdd
      steps:
        - id: red
          agent: tester
          prompt: "Write failing tests for: {{ task }}"
          output: tests
        - id: ok
          approval: "Are these the right tests: {{ tests }}?"
          after: [red]
        - id: green
          agent: coder
          after: [ok]
          prompt: "Make them pass: {{ tests }}"
          attempts: 2
          gates:
            - command: [grep, -q, limit, limit.txt]
      """;

  private Workflows() {}

  static Path write(Path directory) throws IOException {
    Path pipelines = Files.createDirectories(directory.resolve("pipelines"));
    Files.writeString(pipelines.resolve("tdd.yaml"), TDD);
    return pipelines;
  }

  static CallToolResult call(McpSyncClient client, String tool, Map<String, Object> arguments) {
    return client.callTool(CallToolRequest.builder(tool).arguments(arguments).build());
  }

  static Map<?, ?> ok(
      McpSyncClient client, String kind, String tool, Map<String, Object> arguments) {
    CallToolResult result = call(client, tool, arguments);
    Map<?, ?> told = (Map<?, ?>) result.structuredContent();
    assertThat(result.isError()).as(text(result)).isFalse();
    assertThat(told.get("kind")).as(text(result)).isEqualTo(kind);
    return told;
  }

  static String text(CallToolResult result) {
    return ((TextContent) result.content().get(0)).text();
  }

  static Map<?, ?> first(Map<?, ?> told, String list) {
    return (Map<?, ?>) ((List<?>) told.get(list)).get(0);
  }

  /** A whole run: a question, a submission that is refused, and one that is not. */
  static void drive(McpSyncClient client, Path work) throws IOException {
    Map<?, ?> started =
        ok(client, "started", "start_run", Map.of("workflow", "tdd", "task", "a rate limit"));
    String run = (String) started.get("run_id");

    Map<?, ?> red = first(ok(client, "work", "next_step", Map.of("run_id", run)), "steps");
    assertThat(red.get("prompt")).isEqualTo("Write failing tests for: a rate limit");
    ok(
        client,
        "accepted",
        "submit_step",
        Map.of("run_id", run, "step_id", "red", "claim", red.get("claim"), "output", "three"));
    Map<?, ?> waiting = ok(client, "waiting", "next_step", Map.of("run_id", run));
    Map<?, ?> question = first(waiting, "questions");
    assertThat(question.get("text")).isEqualTo("Are these the right tests: three?");
    ok(
        client,
        "answered",
        "approve",
        Map.of(
            "run_id",
            run,
            "question_id",
            question.get("question_id"),
            "shown",
            question.get("shown"),
            "decision",
            "yes"));
    Map<?, ?> green = first(ok(client, "work", "next_step", Map.of("run_id", run)), "steps");
    assertThat(green.get("directory")).isEqualTo(work.toAbsolutePath().normalize().toString());
    Map<String, Object> lie =
        Map.of("run_id", run, "step_id", "green", "claim", green.get("claim"), "output", "done");
    Map<?, ?> declined = ok(client, "declined", "submit_step", lie);
    assertThat(declined.get("attempts_left")).isEqualTo(1);
    Map<?, ?> again = first(ok(client, "work", "next_step", Map.of("run_id", run)), "steps");
    assertThat((String) again.get("prompt")).contains("attempt 2 of 2");
    Files.writeString(work.resolve("limit.txt"), "limit: 10\n");
    Map<String, Object> usage = Map.of("input_tokens", 120, "output_tokens", 7, "usd", "0.01");
    Map<String, Object> done =
        Map.of(
            "run_id",
            run,
            "step_id",
            "green",
            "claim",
            again.get("claim"),
            "output",
            "done",
            "usage",
            usage);
    ok(client, "accepted", "submit_step", done);
    Map<?, ?> ended = ok(client, "ended", "next_step", Map.of("run_id", run));
    assertThat(ended.get("status")).isEqualTo("SUCCEEDED");
    Map<?, ?> status = ok(client, "status", "status", Map.of("run_id", run));
    assertThat(status.get("status")).isEqualTo("SUCCEEDED");
  }

  /** What is not as it should be is an error that the host is told, and the server goes on. */
  static void driveAstray(McpSyncClient client) {
    fails(client, "start_run", Map.of(), "workflow");
    fails(client, "start_run", Map.of("workflow", "nothing"), "workflow");
    fails(client, "start_run", Map.of("workflow", "tdd", "task", "x", "more", 1), "more");
    fails(client, "start_run", Map.of("workflow", "tdd", "task", "x", "run_id", "a/b"), "a/b");
    fails(client, "next_step", Map.of("run_id", "nobody"), "unknown-run");
    fails(client, "next_step", Map.of("run_id", "nobody", "max", 0), "max");
    fails(client, "next_step", Map.of("run_id", "nobody", "max", "many"), "max");
    fails(client, "submit_step", Map.of("run_id", "nobody"), "step_id");
    fails(client, "submit_step", Map.of("run_id", "nobody", "step_id", "red"), "unknown-run");
    fails(client, "approve", Map.of("run_id", "nobody"), "question_id");
    fails(client, "dispatch", Map.of("command", "dance"), "unknown-verb");
    assertThat(text(call(client, "dispatch", Map.of("command", "help")))).contains("submit RUN");
  }

  private static void fails(
      McpSyncClient client, String tool, Map<String, Object> arguments, String says) {
    CallToolResult result = call(client, tool, arguments);
    assertThat(result.isError()).as(tool + " " + arguments).isTrue();
    assertThat(text(result)).contains(says);
  }
}
