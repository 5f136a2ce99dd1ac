package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.task.RunStatus;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What {@link RunUnderTest} checks at every input holds on random walks too. */
class RunPropertiesTest {

  @Property(tries = 80)
  void everythingThatMustHoldHoldsAfterAnyInputs(
      @ForAll("pipelines") Pipeline pipeline, @ForAll("choices") List<Integer> choices) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);
    walk.run().foldAnew();
  }

  @Property(tries = 40)
  void aRunWhoseAttemptsSucceedInTheEndSucceeds(
      @ForAll("pipelines") Pipeline pipeline, @ForAll long seed) {
    Finisher finisher = new Finisher(pipeline, new Random(seed));
    finisher.finish();
    assertThat(finisher.run().state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Property(tries = 25)
  void aRunThatCameFromAnywhereCanBeFinished(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);
    new Finisher(walk.run(), new Random(seed)).finish();
    assertThat(walk.run().state().status().isTerminal()).isTrue();
  }

  @Property(tries = 3_000)
  @Tag("torture")
  void soItDoesForLong(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    everythingThatMustHoldHoldsAfterAnyInputs(pipeline, choices);
    aRunWhoseAttemptsSucceedInTheEndSucceeds(pipeline, seed);
    aRunThatCameFromAnywhereCanBeFinished(pipeline, choices, seed);
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return Draws.pipelines();
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Draws.choices(120);
  }
}
