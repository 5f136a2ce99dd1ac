package dev.maestro.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The side of a {@link Cancellation} that cancels. */
public final class CancellationSource implements Cancellation {

  private final Object lock = new Object();
  // guarded by lock
  private final List<Consumer<Mode>> actions = new ArrayList<>();
  // guarded by lock
  private @Nullable Mode mode;

  /** Make a token that nobody has cancelled yet. */
  public CancellationSource() {}

  /** Ask for work to stop; a second call can only make it more urgent. */
  public void cancel(Mode wanted) {
    Objects.requireNonNull(wanted, "wanted");
    List<Consumer<Mode>> toCall;
    synchronized (lock) {
      if (mode != null && mode.compareTo(wanted) >= 0) {
        return;
      }
      mode = wanted;
      toCall = List.copyOf(actions);
    }
    toCall.forEach(action -> action.accept(wanted));
  }

  @Override
  public Optional<Mode> mode() {
    synchronized (lock) {
      return Optional.ofNullable(mode);
    }
  }

  @Override
  public Registration onCancel(Consumer<Mode> action) {
    Mode now;
    synchronized (lock) {
      actions.add(action);
      now = mode;
    }
    if (now != null) {
      action.accept(now);
    }
    return () -> {
      synchronized (lock) {
        actions.remove(action);
      }
    };
  }
}
