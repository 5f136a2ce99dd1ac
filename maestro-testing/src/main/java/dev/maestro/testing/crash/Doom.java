package dev.maestro.testing.crash;

import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunKey;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Opens a store in which a run does not get past a record.
 *
 * <p>A proxy, because all it touches is one method: whatever else a store can do stays as it is.
 */
final class Doom {

  private final RunKey run;
  private final JournalPlace place;
  private final boolean after;
  private final Runnable end;
  // guarded by this
  private final JournalPlace.Naming naming = new JournalPlace.Naming();

  /**
   * Make a doom.
   *
   * @param run whose records are counted
   * @param place the record
   * @param after whether the end comes when the record is durable, not before it is handed over
   * @param end never returns
   */
  Doom(RunKey run, JournalPlace place, boolean after, Runnable end) {
    this.run = run;
    this.place = place;
    this.after = after;
    this.end = end;
  }

  StoreSource of(StoreSource source) {
    return time -> {
      Store store = source.open(time);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> invoke(store, method, arguments));
    };
  }

  private Object invoke(Store store, Method method, Object[] arguments) throws Throwable {
    boolean struck =
        arguments != null
            && arguments.length > 0
            && method.getName().equals("commit")
            && holdsThePlace(arguments[0]);
    if (struck && !after) {
      end.run();
    }
    try {
      Object result = method.invoke(store, arguments);
      if (struck) {
        end.run();
      }
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private synchronized boolean holdsThePlace(Object commits) {
    boolean holds = false;
    for (Object one : (List<?>) commits) {
      Commit commit = (Commit) one;
      if (run.equals(commit.run())) {
        for (Envelope event : commit.events()) {
          holds |= naming.next(event).equals(place);
        }
      }
    }
    return holds;
  }
}
