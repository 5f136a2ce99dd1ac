package dev.maestro.examples;

import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.testing.StoreContract;
import java.nio.file.Path;
import java.util.Set;

// sample: own-store
class OwnStoreTest extends StoreContract {

  @Override
  protected Set<Feature> features() {
    return Set.of(Feature.REOPENS, Feature.SHARED, Feature.LISTS_RECORDS);
  }

  @Override
  protected StoreSource sourceIn(Path directory) {
    return OwnStore.in(directory);
  }
}

// sample: end

/** Stands for the store that somebody writes. */
final class OwnStore {

  private OwnStore() {}

  static StoreSource in(Path directory) {
    return InMemoryStore.create();
  }
}
