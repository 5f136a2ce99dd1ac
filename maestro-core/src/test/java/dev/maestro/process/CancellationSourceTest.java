package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.process.Cancellation.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A token tells everyone, once for each degree of urgency. */
class CancellationSourceTest {

  private final CancellationSource source = new CancellationSource();
  private final List<Mode> heard = new ArrayList<>();

  @Test
  void tellsOnceAndOnceMoreWhenItGetsUrgent() {
    source.onCancel(heard::add);

    source.cancel(Mode.GRACEFUL);
    source.cancel(Mode.GRACEFUL);
    source.cancel(Mode.EMERGENCY);
    source.cancel(Mode.GRACEFUL);

    assertThat(heard).containsExactly(Mode.GRACEFUL, Mode.EMERGENCY);
    assertThat(source.mode()).contains(Mode.EMERGENCY);
  }

  @Test
  void tellsALatecomerAtOnce() {
    source.cancel(Mode.EMERGENCY);

    source.onCancel(heard::add);

    assertThat(heard).containsExactly(Mode.EMERGENCY);
  }

  @Test
  void neverBecomesMilderWhileALatecomerIsTold() {
    source.cancel(Mode.GRACEFUL);

    source.onCancel(
        mode -> {
          source.cancel(Mode.EMERGENCY);
          heard.add(mode);
        });
    source.onCancel(heard::add);

    assertThat(heard).containsExactly(Mode.EMERGENCY, Mode.GRACEFUL, Mode.EMERGENCY);
  }

  @Test
  void tellsNobodyWhoHasLeftAndKeepsTheirDouble() {
    Consumer<Mode> action = heard::add;
    Registration first = source.onCancel(action);
    source.onCancel(action);

    first.close();
    first.close();
    source.cancel(Mode.GRACEFUL);

    assertThat(heard).containsExactly(Mode.GRACEFUL);
  }

  @Test
  void saysSoBeforeAnybodyIsTold() {
    source.onCancel(heard::add);

    Runnable telling = source.cancelling(Mode.GRACEFUL);
    assertThat(source.isCancelled()).isTrue();
    assertThat(heard).isEmpty();

    telling.run();
    assertThat(heard).containsExactly(Mode.GRACEFUL);
  }

  @Test
  void tellsTheOthersWhenOneThrows() {
    source.onCancel(
        mode -> {
          throw new IllegalStateException("first");
        });
    source.onCancel(heard::add);

    assertThatThrownBy(() -> source.cancel(Mode.GRACEFUL)).hasMessage("first");
    assertThat(heard).containsExactly(Mode.GRACEFUL);
  }
}
