package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.attempt.Interceptor;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.task.RunId;
import java.util.ArrayList;
import java.util.List;

/** Pipelines whose steps do nothing or wait, and a Maestro that knows the code of the former. */
final class Shapes {

  private static final String CODE = "nothing";
  private static final String VERSION = "1";
  private static final String INTERCEPTOR = "let-pass-";
  private static final int MOST_INTERCEPTORS = 40;

  private Shapes() {}

  /** {@return a builder that finds nothing by itself and has the code registered} */
  static MaestroBuilder maestro() {
    MaestroBuilder builder = Maestro.builder().discoverNothing().step(CODE, VERSION, c -> null);
    for (int i = 0; i < MOST_INTERCEPTORS; i++) {
      builder.interceptor(
          INTERCEPTOR + i, Interceptor.at(Place.LIMITS, context -> Verdict.proceed()));
    }
    return builder;
  }

  /** {@return so many agents that work side by side} */
  static Pipeline agents(int agents) {
    PipelineBuilder pipeline = Pipeline.named("agents");
    for (int i = 0; i < agents; i++) {
      pipeline.step("agent-" + i, s -> s.agent("engineer").prompt("Do it"));
    }
    return pipeline.build();
  }

  /** {@return steps that wait each for the one before} */
  static Pipeline chain(int steps) {
    return chain(steps, 0);
  }

  /** {@return steps that wait each for the one before, with so many interceptors round each} */
  static Pipeline chain(int steps, int interceptors) {
    return chain(Pipeline.named("chain"), steps, interceptors).build();
  }

  /** Add such steps; they are called {@code step-0} and so on. */
  static PipelineBuilder chain(PipelineBuilder pipeline, int steps, int interceptors) {
    for (int i = 0; i < steps; i++) {
      int number = i;
      pipeline.step(
          step(i),
          s -> {
            nothing(number == 0 ? s : s.after(step(number - 1)));
            for (int interceptor = 0; interceptor < interceptors; interceptor++) {
              s.intercept(INTERCEPTOR + interceptor);
            }
          });
    }
    return pipeline;
  }

  /** {@return so many chains side by side, each of so many steps} */
  static Pipeline chains(int chains, int steps) {
    PipelineBuilder pipeline = Pipeline.named("chains");
    for (int i = 0; i < chains * steps; i++) {
      int number = i;
      pipeline.step(step(i), s -> nothing(number < chains ? s : s.after(step(number - chains))));
    }
    return pipeline.build();
  }

  /** {@return a step, so many that wait for it, and one that waits for them} */
  static Pipeline fanOut(int width) {
    PipelineBuilder pipeline = Pipeline.named("fan-out").step("first", Shapes::nothing);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      pipeline.step(step(i), s -> nothing(s.after("first")));
      all.add(step(i));
    }
    return pipeline.step("last", s -> nothing(s.after(all.toArray(String[]::new)))).build();
  }

  /** Start a run and wait until it has succeeded. */
  static void complete(Maestro maestro, Pipeline pipeline, String id) throws InterruptedException {
    await(maestro.start(pipeline, RunId.of(id), Inputs.none()));
  }

  /** Wait until a run has succeeded. */
  static void await(Run run) throws InterruptedException {
    RunResult result = run.await();
    if (!result.isSuccess()) {
      throw new IllegalStateException("a run of the benchmark did not succeed: " + result);
    }
  }

  private static StepBuilder nothing(StepBuilder step) {
    return step.code(CODE, VERSION).allowNoOp();
  }

  private static String step(int number) {
    return "step-" + number;
  }
}
