package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

class PipelineRoundTripTest {

  @Property(tries = 300)
  void readsEveryPipelineItWrote(
      @ForAll("pipelines") Pipeline pipeline, @ForAll PipelineFormat format) {
    assertThat(format.read(format.write(pipeline))).isEqualTo(pipeline);
  }

  @Property(tries = 300)
  void restoresEveryPipelineFromItsCanonicalForm(@ForAll("pipelines") Pipeline pipeline) {
    Pipeline restored = Pipeline.restore(pipeline.canonicalJson());

    assertThat(restored).isEqualTo(pipeline);
    assertThat(restored.hash()).isEqualTo(pipeline.hash());
  }

  @Property(tries = 300)
  void findsNothingWrongWithWhatWasBuilt(@ForAll("pipelines") Pipeline pipeline) {
    assertThat(pipeline.validate().problems()).isEmpty();
  }

  @Property(tries = 100)
  void writesDifferentPipelinesDifferently(
      @ForAll("pipelines") Pipeline one, @ForAll("pipelines") Pipeline other) {
    assertThat(one.hash().equals(other.hash())).isEqualTo(one.equals(other));
  }

  @Property(tries = 20_000)
  @Tag("torture")
  void soItDoesForLong(@ForAll("pipelines") Pipeline pipeline, @ForAll PipelineFormat format) {
    readsEveryPipelineItWrote(pipeline, format);
    restoresEveryPipelineFromItsCanonicalForm(pipeline);
    findsNothingWrongWithWhatWasBuilt(pipeline);
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return PipelineArbitraries.valid();
  }
}
