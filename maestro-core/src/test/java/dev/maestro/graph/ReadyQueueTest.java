package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Priority;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReadyQueueTest {

  private final ReadyQueue<String> queue = new ReadyQueue<>();

  @Test
  void lowerNumbersGoFirstAndTiesAsTheyCame() {
    queue.add("slow", Priority.of(3));
    queue.add("first", Priority.DEFAULT);
    queue.add("second", Priority.DEFAULT);
    queue.add("urgent", Priority.of(-1));

    assertThat(queue.inOrder()).containsExactly("urgent", "first", "second", "slow");
    assertThat(queue.first()).contains("urgent");
  }

  @Test
  void removesFromTheMiddleAndReaddsAtTheEndOfItsPriority() {
    queue.add("a", Priority.DEFAULT);
    queue.add("b", Priority.DEFAULT);
    queue.add("c", Priority.DEFAULT);

    assertThat(queue.remove("b")).isTrue();
    assertThat(queue.remove("b")).isFalse();
    assertThat(queue.add("b", Priority.DEFAULT)).isTrue();

    assertThat(queue.inOrder()).containsExactly("a", "c", "b");
  }

  @Test
  void anIdIsInTheQueueOnceAndKeepsItsPlace() {
    queue.add("a", Priority.DEFAULT);
    queue.add("b", Priority.DEFAULT);

    assertThat(queue.add("a", Priority.of(9))).isFalse();

    assertThat(queue.inOrder()).containsExactly("a", "b");
    assertThat(queue.size()).isEqualTo(2);
  }

  @Test
  void anEmptyQueueHasNoFirst() {
    assertThat(queue.first()).isEmpty();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.contains("a")).isFalse();
  }

  @Property
  void agreesWithAStablySortedList(@ForAll List<@IntRange(min = -20, max = 20) Integer> changes) {
    ReadyQueue<Integer> queue = new ReadyQueue<>();
    List<Integer> naive = new ArrayList<>();
    for (int change : changes) {
      int id = Math.abs(change);
      if (change < 0) {
        assertThat(queue.remove(id)).isEqualTo(naive.remove((Object) id));
      } else if (queue.add(id, priorityOf(id))) {
        naive.add(id);
      }
      naive.sort(Comparator.comparing(ReadyQueueTest::priorityOf));
      assertThat(queue.inOrder()).isEqualTo(naive);
    }
  }

  private static Priority priorityOf(int id) {
    return Priority.of(id % 3);
  }
}
