package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program that an agent's configuration names, as a child process, with the SDK's client. */
@Timeout(900)
class StdioServerTest {

  // a JVM that is begun beside many others may take minutes
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path directory;

  private List<String> arguments(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    arguments.add(McpMain.class.getName());
    arguments.addAll(List.of("--pipelines", Workflows.write(directory).toString()));
    arguments.addAll(List.of("--store", directory.resolve("store").toString()));
    arguments.addAll(List.of("--work", directory.toString()));
    // how long a check takes is no matter here
    arguments.addAll(List.of("--patience", "120"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private McpSyncClient client() throws IOException {
    ServerParameters program = ServerParameters.builder(java()).args(arguments()).build();
    StdioClientTransport transport =
        new StdioClientTransport(program, new JacksonMcpJsonMapper(JSON));
    McpSyncClient client =
        McpClient.sync(transport).requestTimeout(PATIENCE).initializationTimeout(PATIENCE).build();
    client.initialize();
    return client;
  }

  @Test
  void aWholeRunIsDrivenByToolsAndAnotherProcessGoesOnWithIt() throws Exception {
    Map<?, ?> before;
    try (McpSyncClient client = client()) {
      assertThat(client.listTools().tools())
          .extracting(Tool::name)
          .containsExactlyInAnyOrder(
              "start_run", "next_step", "submit_step", "approve", "status", "dispatch");
      Workflows.ok(
          client,
          "started",
          "start_run",
          Map.of("workflow", "tdd", "task", "another", "run_id", "other"));
      before =
          Workflows.first(
              Workflows.ok(client, "work", "next_step", Map.of("run_id", "other")), "steps");
      Workflows.drive(client, directory);
      Workflows.driveAstray(client);
    }
    try (McpSyncClient client = client()) {
      Map<?, ?> after =
          Workflows.first(
              Workflows.ok(client, "work", "next_step", Map.of("run_id", "other")), "steps");
      assertThat(after.get("claim")).isEqualTo(before.get("claim"));
    }
  }

  @Test
  void theProgramEndsWhenItsInputEndsAndPrintsNothingButTheProtocol() throws Exception {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(arguments());
    Process program =
        new ProcessBuilder(command).redirectError(directory.resolve("errors").toFile()).start();
    try {
      BufferedReader output = program.inputReader();
      try (Writer input = program.outputWriter()) {
        input.write(
            """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
            """);
        input.flush();
        JsonNode answer = JSON.readTree(output.readLine());
        input.write(
            """
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            no message
            {"jsonrpc":"2.0","id":2,"method":"ping"}
            """);
        input.flush();
        assertThat(JSON.readTree(output.readLine()).at("/error/code").asInt()).isEqualTo(-32700);
        assertThat(JSON.readTree(output.readLine()).path("id").asInt()).isEqualTo(2);
        assertThat(answer.at("/result/serverInfo/name").asText()).isEqualTo("maestro");
        assertThat(answer.at("/result/instructions").asText()).contains("next_step");
      }
      assertThat(program.waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(output.readLine()).isNull();
      assertThat(program.exitValue()).as(Files.readString(directory.resolve("errors"))).isZero();
    } finally {
      program.destroyForcibly();
    }
  }
}
