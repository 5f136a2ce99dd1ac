package dev.maestro.engine;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.run.EventEncoder;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRules;
import dev.maestro.run.RunState;
import dev.maestro.run.Terms;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
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

  /** {@return what an empty batch holds of such a run} */
  static Batch.Part part() {
    Store store = InMemoryStore.create().open(InstantSource.fixed(Instant.EPOCH));
    Shared shared = new Shared(store, SharedLimits.NONE, DirectoryWorkspaces.at(Path.of("none")));
    return new Batch(new EventEncoder(), shared).touch(new Live(run("any", 1), null));
  }

  static RunKey key(String id) {
    return new RunKey(Tenant.DEFAULT, RunId.of(id));
  }
}
