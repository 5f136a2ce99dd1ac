package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.maestro.failure.Problem;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PipelineScaleTest {

  private static final int STEPS = 10_000;

  @Test
  void buildsStoresAndRestoresALongChain() {
    assertTimeout(
        Duration.ofSeconds(20),
        () -> {
          PipelineBuilder builder = chain();
          Pipeline pipeline = builder.build();

          assertThat(pipeline.dataflow().ancestors("s" + (STEPS - 1))).hasSize(STEPS - 1);
          assertThat(Pipeline.restore(pipeline.canonicalJson())).isEqualTo(pipeline);
        });
  }

  @Test
  void checksThatEveryStepComesAfterTheFirst() {
    PipelineBuilder builder = Pipeline.named("p").step("s0", s -> s.command("ls").output("first"));
    for (int i = 1; i < STEPS; i++) {
      String before = "s" + (i - 1);
      builder.step("s" + i, s -> s.command("echo", "{{ first }}").after(before));
    }

    assertTimeout(Duration.ofSeconds(20), builder::build);
  }

  @Test
  void findsALongRing() {
    PipelineBuilder builder = chain();
    builder.step("s" + STEPS, s -> s.command("ls").after("s" + (STEPS - 1)));
    builder.step("end", s -> s.command("ls").after("s" + STEPS, "end"));

    assertThat(builder.validate(builder.assemble()).problems())
        .extracting(Problem::code)
        .containsExactly("cycle");
  }

  private static PipelineBuilder chain() {
    PipelineBuilder builder = Pipeline.named("p").step("s0", s -> s.command("ls").output("o0"));
    for (int i = 1; i < STEPS; i++) {
      int before = i - 1;
      builder.step(
          "s" + i,
          s ->
              s.command("echo", "{{ o" + before + " }}")
                  .after("s" + before)
                  .output("o" + (before + 1)));
    }
    return builder;
  }
}
