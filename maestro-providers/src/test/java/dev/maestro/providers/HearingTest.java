package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.process.ProcessIdentity;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
}
