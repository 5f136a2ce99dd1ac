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
  // guarded by lock; mostly one, and none before work begins
  private List<Watcher> watchers = List.of();
  // guarded by lock
  private @Nullable Mode mode;

  /** Make a token that nobody has cancelled yet. */
  public CancellationSource() {}

  /**
   * Ask for work to stop; a second call can only make it more urgent.
   *
   * <p>Every registered action is called, even when one before it throws; the first exception is
   * thrown at the end.
   */
  public void cancel(Mode wanted) {
    cancelling(wanted).run();
  }

  /**
   * Ask for work to stop as {@link #cancel} does, but leave it to another thread to call the
   * registered actions: for a caller who cannot wait for them. {@link #mode} says so at once.
   *
   * @return what calls them
   */
  public Runnable cancelling(Mode wanted) {
    Objects.requireNonNull(wanted, "wanted");
    synchronized (lock) {
      if (mode != null && mode.compareTo(wanted) >= 0) {
        return () -> {};
      }
      mode = wanted;
      List<Watcher> toCall = List.copyOf(watchers);
      return () -> tellAll(toCall, wanted);
    }
  }

  @Override
  public Optional<Mode> mode() {
    synchronized (lock) {
      return Optional.ofNullable(mode);
    }
  }

  @Override
  public Registration onCancel(Consumer<Mode> action) {
    Watcher watcher = new Watcher(Objects.requireNonNull(action, "action"));
    Mode now;
    synchronized (lock) {
      watchers = watchers.isEmpty() ? new ArrayList<>(2) : watchers;
      watchers.add(watcher);
      now = mode;
    }
    if (now != null) {
      watcher.tell(now);
    }
    return watcher;
  }

  private static void tellAll(List<Watcher> watchers, Mode mode) {
    RuntimeException failure = null;
    for (Watcher watcher : watchers) {
      try {
        watcher.tell(mode);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** One registered action; it hears of each mode once and never of a milder one afterwards. */
  private final class Watcher implements Registration {

    private final Consumer<Mode> action;
    // guarded by this
    private @Nullable Mode told;

    Watcher(Consumer<Mode> action) {
      this.action = action;
    }

    void tell(Mode mode) {
      synchronized (this) {
        if (told != null && told.compareTo(mode) >= 0) {
          return;
        }
        told = mode;
      }
      action.accept(mode);
    }

    @Override
    public void close() {
      synchronized (lock) {
        watchers.remove(this);
      }
    }
  }
}
