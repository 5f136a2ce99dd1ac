package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DealingsTest {

  private static Task task() {
    return new Task(TaskId.of("a"), Steps.code("a").build(), null, 0, null, List.of());
  }

  @Test
  void copyThatDealsLeavesTheTaskItWasMadeFromAsItWas() {
    Task task = task();
    task.deal().launches = 1;
    Task copy = task.copy();

    copy.deal().launches++;

    assertThat(copy.dealings.launches).isEqualTo(2);
    assertThat(task.dealings.launches).isEqualTo(1);
    assertThat(task().dealings.launches).isZero();
    assertThat(task().hasDealings()).isFalse();
  }

  @Test
  void taskKeepsItsDealingsWhileItChangesThem() {
    Task task = task();
    Dealings dealings = task.deal();

    assertThat(task.deal()).isSameAs(dealings);
    assertThat(task.copy().dealings).isSameAs(dealings);
  }

  @Test
  void stepOfCodeThatEndsWellHasNone() {
    RunState state = RunState.before(Steps.pipeline(List.of(Steps.code("a").build()), List.of()));
    TaskId id = TaskId.of("a");
    ActResult done = new ActResult.Done(Scenario.text("done"), Usage.NONE, null);
    RunRules.advance(state, Scenario.startInput(Map.of("topic", Scenario.text("no"))));
    RunRules.advance(state, new RunInput.Dispatch(Scenario.EPOCH, id));

    RunRules.advance(state, new RunInput.ActEnded(Scenario.EPOCH, id, 1, done, 0.5));

    assertThat(state.status().isTerminal()).isTrue();
    assertThat(state.require(id).hasDealings()).isFalse();
  }
}
