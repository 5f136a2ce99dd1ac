package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.providers.codex.Codex;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HearingTest {

  /**
   * A listener commits; up to Java 23 a virtual thread that waits in a monitor keeps its carrier.
   */
  @Test
  void holdsNoMonitorWhileItsListenerListens() {
    List<AgentEvent> events = new ArrayList<>();
    List<Boolean> held = new ArrayList<>();
    Hearing[] hearing = new Hearing[1];
    hearing[0] =
        new Hearing(
            event -> {
              events.add(event);
              held.add(Thread.holdsLock(hearing[0]));
            },
            new ReportReading(true),
            Account.ofLines(InstantSource.system()),
            Mask.ofSecretsIn(Map.of()));

    hearing[0].started(new ProcessIdentity("boot", 1, 1, "marker"));
    hearing[0].line("hello");

    assertThat(events).hasSize(2);
    assertThat(held).containsOnly(false);
    assertThat(hearing[0].isStarted()).isTrue();
  }

  @Test
  void aSecretThatIsANumberSpoilsNoLineAndIsTakenOutOfWhatIsSaid() {
    RecordingListener listener = new RecordingListener();
    CliAgent agent = Replay.still(Codex.builder().variable("MY_PASSWORD", "471100"));
    Hearing hearing = agent.hearing(Replay.request(null), listener);

    hearing.line(
        """
        {"type":"item.completed","item":{"id":"i","type":"agent_message","text":"it is 471100"}}""");
    hearing.line(
        """
        {"type":"turn.completed","usage":{"input_tokens":471100,"output_tokens":5}}""");

    assertThat(hearing.account().isComplete()).isTrue();
    assertThat(Objects.requireNonNull(hearing.account().usage()).inputTokens()).isEqualTo(471_100);
    assertThat(listener.events()).contains(new AgentEvent.Text("it is ***\n"));
  }

  @Test
  void masksWhatAProgramHasQuotedInAnotherWay() {
    RecordingListener listener = new RecordingListener();
    CliAgent agent =
        Replay.still(Codex.builder().variable("OPENAI_API_KEY", "sk&half<1>and-the-rest"));
    Hearing hearing = agent.hearing(Replay.request(null), listener);
    hearing.started(new ProcessIdentity("boot", 1, 1, "marker"));

    String quoted = "sk\\u0026half\\u003c1\\u003eand-the-rest";
    hearing.line(
        """
        {"type":"item.completed","item":{"id":"i","type":"command_execution","status":"completed",\
        "command":"echo %s","aggregated_output":"is %s","exit_code":0}}"""
            .formatted(quoted, quoted));

    assertThat(listener.events())
        .containsExactly(
            new AgentEvent.Launched(new ProcessIdentity("boot", 1, 1, "marker")),
            new AgentEvent.ToolUse("i", "command", "{\"command\":\"echo ***\"}"),
            new AgentEvent.ToolResult("i", true, "is ***"));
  }
}
