package dev.maestro.testing;

import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.store.Commit;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A store that looks at every commit before it is written, and stops taking any, as after a crash,
 * from the one on that the test names; knows which tasks are completed in it.
 */
final class Disk {

  private final StoreSource source;
  private final RunEventCodec codec = new RunEventCodec();
  // all below guarded by this
  private Predicate<RunEvent> fatal = event -> false;
  private int commitsLeft = Integer.MAX_VALUE;
  private boolean dead;
  private final Set<TaskId> completed = new HashSet<>();
  private final Map<TaskId, Integer> again = new HashMap<>();

  Disk(StoreSource source) {
    this.source = source;
  }

  /** {@return a source of it for an engine that has just started on a sound machine} */
  synchronized StoreSource reopened() {
    fatal = event -> false;
    commitsLeft = Integer.MAX_VALUE;
    dead = false;
    return time -> wrap(source.open(time));
  }

  synchronized void dieAt(Predicate<RunEvent> event) {
    fatal = event;
  }

  synchronized void dieAt(Class<? extends RunEvent> event) {
    fatal = event::isInstance;
  }

  synchronized void dieAfter(int commits) {
    commitsLeft = commits;
  }

  synchronized void die() {
    dead = true;
  }

  /** Note that the task is being carried out. */
  synchronized void executes(TaskId task) {
    if (completed.contains(task)) {
      again.merge(task, 1, Integer::sum);
    }
  }

  /** {@return how often tasks were carried out after their completion had been recorded} */
  synchronized Map<TaskId, Integer> executedAgain() {
    return Map.copyOf(again);
  }

  private Store wrap(Store store) {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (proxy, method, arguments) -> invoke(store, method, arguments));
  }

  private Object invoke(Store store, Method method, Object[] arguments) throws Throwable {
    try {
      if (method.getName().equals("commit")) {
        return commit(store, method, arguments);
      }
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private synchronized Object commit(Store store, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    @SuppressWarnings("unchecked")
    List<RunEvent> events =
        ((List<Commit>) arguments[0])
            .stream().flatMap(commit -> commit.events().stream()).map(codec::decode).toList();
    dead |= events.stream().anyMatch(fatal) || commitsLeft-- <= 0;
    if (dead) {
      throw new StoreException("the machine has crashed");
    }
    Object outcomes = method.invoke(store, arguments);
    events.stream()
        .flatMap(event -> event.moves().stream())
        .filter(move -> move.to() == TaskState.COMPLETED)
        .forEach(move -> completed.add(move.task()));
    return outcomes;
  }
}
