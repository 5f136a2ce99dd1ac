package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DataflowTest {

  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step("spec", s -> s.agent("x").prompt("{{ task }}").output("spec"))
          .step(
              "plan",
              s -> s.plan("x").prompt("{{ spec }}").template("work").output("plan").after("spec"))
          .step("check", s -> s.agent("x").prompt("{{ style }}").output("verdict").after("plan"))
          .step(
              "mend",
              s ->
                  s.agent("x")
                      .prompt("{{ verdict }}")
                      .after("check")
                      .when("{{ verdict }} contains 'bad'"))
          .step("aside", s -> s.agent("x").prompt("y").when("{{ mode }} equals 'full'"))
          .template("work", s -> s.agent("x").prompt("{{ item.text }} {{ plan }} {{ lang }}"))
          .build();

  private final Dataflow dataflow = PIPELINE.dataflow();

  @Test
  void collectsInputsInTheOrderOfTheirFirstUse() {
    assertThat(dataflow.inputs()).containsExactly("task", "style", "mode", "lang");
  }

  @Test
  void knowsAllAncestorsAndTheOutputsTheyOffer() {
    assertThat(dataflow.ancestors("mend")).containsExactly("spec", "plan", "check");
    assertThat(dataflow.ancestors("spec")).isEmpty();
    assertThat(dataflow.ancestors("nobody")).isEmpty();
    assertThat(dataflow.visibleTo("check")).isEqualTo(Map.of("spec", "spec", "plan", "plan"));
    assertThat(dataflow.visibleToItems("plan")).isEqualTo(Map.of("spec", "spec", "plan", "plan"));
    assertThat(dataflow.producer("verdict")).contains("check");
    assertThat(dataflow.producer("task")).isEmpty();
  }

  @Test
  void knowsWhatSteersTheRun() {
    assertThat(PIPELINE.steps())
        .filteredOn(step -> dataflow.steers(step.id()))
        .extracting(Step::id)
        .containsExactly("plan", "check");
    assertThat(dataflow.inputs()).filteredOn(dataflow::inputSteers).containsExactly("mode");
  }

  @Property(tries = 200)
  void agreesWithTheGraphOnAncestors(@ForAll("pipelines") Pipeline pipeline) {
    Dataflow flow = pipeline.dataflow();
    for (Step step : pipeline.steps()) {
      assertThat(flow.ancestors(step.id()))
          .isEqualTo(new HashSet<>(pipeline.graph().allDependenciesOf(step.id())));
    }
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return PipelineArbitraries.valid();
  }
}
