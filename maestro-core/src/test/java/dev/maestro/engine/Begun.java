package dev.maestro.engine;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRules;
import dev.maestro.run.RunState;
import dev.maestro.run.Terms;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.Map;

/** Runs that have begun, and nothing more. */
final class Begun {

  private Begun() {}

  /** {@return a run of so many tasks} */
  static RunState run(String id, int tasks) {
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
    return state;
  }

  static RunKey key(String id) {
    return new RunKey(Tenant.DEFAULT, RunId.of(id));
  }
}
