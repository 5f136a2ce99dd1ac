package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.maestro.task.Priority;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadySetTest {

  private final ReadySet<String> tasks = new ReadySet<>();

  @Test
  void aTaskIsReadyOnceAllItsDependenciesAreComplete() {
    tasks.add("a", List.of());
    tasks.add("b", List.of());
    assertThat(tasks.add("c", List.of("a", "b"))).isFalse();

    assertThat(tasks.complete("a")).isEmpty();
    assertThat(tasks.complete("b")).containsExactly("c");
    assertThat(tasks.ready()).containsExactly("c");
  }

  @Test
  void thoseFreedByOneTaskComeInTheOrderOfTheirAdding() {
    tasks.add("root", List.of());
    tasks.add("x", Priority.of(3), List.of("root"));
    tasks.add("y", Priority.of(1), List.of("root"));
    tasks.add("z", Priority.of(1), List.of("root"));

    assertThat(tasks.complete("root")).containsExactly("x", "y", "z");
    assertThat(tasks.ready()).containsExactly("y", "z", "x");
  }

  @Test
  void aFreshlyFreedUrgentTaskOvertakesWaitingOnes() {
    tasks.add("a", Priority.of(2), List.of());
    tasks.add("z", Priority.of(3), List.of());
    tasks.add("b", Priority.of(1), List.of("a"));

    tasks.complete("a");

    assertThat(tasks.first()).contains("b");
  }

  @Test
  void aDuplicateDependencyCountsOnce() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a", "a"));

    assertThat(tasks.complete("a")).containsExactly("b");
  }

  @Test
  void completingTwiceChangesNothing() {
    tasks.add("a", List.of());
    tasks.add("b", List.of());
    tasks.add("c", List.of("a", "b"));
    tasks.complete("a");

    assertThat(tasks.complete("a")).isEmpty();

    assertThat(tasks.isReady("c")).isFalse();
    assertThat(tasks.isComplete("a")).isTrue();
  }

  @Test
  void aTaskMayBeCompletedBeforeItsDependencies() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a"));
    tasks.add("c", List.of("b"));

    assertThat(tasks.complete("b")).containsExactly("c");
    assertThat(tasks.complete("a")).isEmpty();
  }

  @Test
  void tasksCanBeAddedBehindCompleteOnes() {
    tasks.add("plan", List.of());
    tasks.complete("plan");

    assertThat(tasks.add("plan/T001", List.of("plan"))).isTrue();
    assertThat(tasks.ready()).containsExactly("plan/T001");
  }

  @Test
  void aStepBehindAPlanWaitsForWhatThePlanAdded() {
    tasks.add("plan", List.of());
    tasks.add("ship", List.of("plan"));
    tasks.add("plan/T001", List.of("plan"));
    tasks.addDependencies("ship", List.of("plan/T001"));

    assertThat(tasks.complete("plan")).containsExactly("plan/T001");
    assertThat(tasks.complete("plan/T001")).containsExactly("ship");
  }

  @Test
  void aReadyTaskGoesBackToWaitingWhenItGetsAnOpenDependency() {
    tasks.add("a", List.of());
    tasks.add("b", List.of());

    tasks.addDependencies("a", List.of("b"));

    assertThat(tasks.ready()).containsExactly("b");
    assertThat(tasks.complete("b")).containsExactly("a");
  }

  @Test
  void refusesALinkThatWouldCloseACycle() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a"));
    tasks.add("c", List.of("b"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tasks.addDependencies("a", List.of("c")))
        .withMessageContaining("'a'")
        .withMessageContaining("'c'");
    assertThatIllegalArgumentException().isThrownBy(() -> tasks.addDependencies("a", List.of("a")));
    assertThat(tasks.ready()).containsExactly("a");
  }

  @Test
  void aCompleteTaskTakesNoFurtherDependency() {
    tasks.add("a", List.of());
    tasks.add("b", List.of());
    tasks.complete("a");

    assertThatIllegalStateException().isThrownBy(() -> tasks.addDependencies("a", List.of("b")));
  }

  @Test
  void aTakenTaskIsNoLongerReadyUntilItIsPutBack() {
    tasks.add("a", List.of());
    tasks.add("b", List.of());

    assertThat(tasks.take("a")).isTrue();
    assertThat(tasks.take("a")).isFalse();
    assertThat(tasks.ready()).containsExactly("b");

    assertThat(tasks.putBack("a")).isTrue();
    assertThat(tasks.ready()).containsExactly("b", "a");
  }

  @Test
  void aWaitingTaskCannotBePutBack() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a"));

    assertThat(tasks.putBack("b")).isFalse();
    assertThat(tasks.ready()).containsExactly("a");
  }

  @Test
  void aReopenedTaskHoldsItsDependentsAgain() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a"));
    tasks.complete("a");

    tasks.reopen("a");

    assertThat(tasks.ready()).containsExactly("a");
    assertThat(tasks.complete("a")).containsExactly("b");
  }

  @Test
  void aWholeBranchCanBeReopened() {
    tasks.add("a", List.of());
    tasks.add("b", List.of("a"));
    tasks.complete("a");
    tasks.complete("b");

    tasks.reopen("a");
    tasks.reopen("b");

    assertThat(tasks.ready()).containsExactly("a");
    assertThat(tasks.complete("a")).containsExactly("b");
    assertThatIllegalStateException().isThrownBy(() -> tasks.reopen("b"));
  }

  @Test
  void refusesWhatItDoesNotKnowAndChangesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tasks.add("a", List.of("ghost")))
        .withMessageContaining("ghost");
    assertThatIllegalArgumentException().isThrownBy(() -> tasks.complete("a"));
    assertThat(tasks.contains("a")).isFalse();
    assertThat(tasks.size()).isZero();
  }

  @Test
  void refusesADuplicateId() {
    tasks.add("a", List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tasks.add("a", List.of()))
        .withMessageContaining("'a'");
  }
}
