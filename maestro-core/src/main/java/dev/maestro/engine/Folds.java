package dev.maestro.engine;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunState;
import dev.maestro.store.BlobId;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the journals of runs amount to. For use by any number of threads. */
final class Folds {

  /** So many pipelines are kept as they were read; all others are read again. */
  private static final int MOST_PIPELINES = 100;

  private final Store store;
  private final RunEventCodec codec;
  // guarded by itself; those that were used last
  private final Map<BlobId, Pipeline> pipelines = new LinkedHashMap<>(16, 0.75f, true);

  Folds(Store store, RunEventCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  /** {@return the run as its journal tells it} */
  RunState fold(RunKey key) {
    try {
      return fold(key, store.read(key, 1));
    } catch (RuntimeException e) {
      throw unreadable(key, e);
    }
  }

  /** {@return what to throw when a run cannot be read for this reason} */
  static StoreException unreadable(RunKey key, RuntimeException reason) {
    return reason instanceof StoreException known
        ? known
        : new StoreException("run " + key + " cannot be read: " + reason.getMessage(), reason);
  }

  private RunState fold(RunKey key, List<StoredEvent> events) {
    if (events.isEmpty()) {
      throw new StoreException("run " + key + " has no events");
    }
    RunEvent.RunStarted first = (RunEvent.RunStarted) codec.decode(events.get(0).envelope());
    RunState state = RunState.before(pipeline(first.definition()));
    events.forEach(stored -> apply(state, codec.decode(stored.envelope())));
    return state;
  }

  private void apply(RunState state, RunEvent event) {
    if (event instanceof RunEvent.Redefined redefined) {
      state.learn(pipeline(redefined.definition().pipeline()));
    }
    state.apply(event);
  }

  private Pipeline pipeline(BlobId definition) {
    Pipeline known = known(definition);
    if (known != null) {
      return known;
    }
    Pipeline read = restore(definition);
    synchronized (pipelines) {
      pipelines.put(definition, read);
      if (pipelines.size() > MOST_PIPELINES) {
        pipelines.remove(pipelines.keySet().iterator().next());
      }
    }
    return read;
  }

  private @Nullable Pipeline known(BlobId definition) {
    synchronized (pipelines) {
      return pipelines.get(definition);
    }
  }

  private Pipeline restore(BlobId definition) {
    return Pipeline.restore(
        store
            .blob(definition)
            .orElseThrow(
                () -> new StoreException("the pipeline definition " + definition + " is missing")));
  }
}
