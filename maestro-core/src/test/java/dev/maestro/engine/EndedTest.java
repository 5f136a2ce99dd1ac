package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRules;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.RunState;
import dev.maestro.run.Terms;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndedTest {

  private final Ended ended = new Ended(10);

  @Test
  void remembersTheLatestRunsAsFarAsTheyHaveRoomTogether() {
    ended.put(run("a", 4));
    ended.put(run("b", 4));
    ended.put(run("c", 4));

    assertThat(ended.find(key("a"))).isEmpty();
    assertThat(ended.find(key("b"))).isPresent();
    assertThat(ended.find(key("c"))).isPresent();
  }

  @Test
  void aRunThatEndsAgainTakesItsRoomOnce() {
    ended.put(run("a", 4));
    ended.put(run("b", 5));
    RunSnapshot again = run("a", 5);
    ended.put(again);

    assertThat(ended.find(key("a"))).containsSame(again);
    assertThat(ended.find(key("b"))).isPresent();
  }

  @Test
  void aRunWithoutRoomIsNotRemembered() {
    ended.put(run("a", 11));

    assertThat(ended.find(key("a"))).isEmpty();
  }

  private static RunSnapshot run(String id, int tasks) {
    PipelineBuilder builder = Pipeline.named("steps");
    for (int i = 0; i < tasks; i++) {
      builder.step("s" + i, step -> step.code("nothing", "1"));
    }
    Pipeline pipeline = builder.build();
    RunState state = RunState.before(pipeline);
    RunRules.advance(
        state,
        new RunInput.Start(
            Instant.EPOCH,
            key(id),
            Actor.of("anna"),
            pipeline.hash(),
            Inputs.none().hash().hex(),
            Map.of(),
            Map.of(),
            Terms.DEFAULT));
    return RunSnapshot.of(state);
  }

  private static RunKey key(String id) {
    return new RunKey(Tenant.DEFAULT, RunId.of(id));
  }
}
