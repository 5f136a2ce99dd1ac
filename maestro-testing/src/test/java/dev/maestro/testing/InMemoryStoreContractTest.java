package dev.maestro.testing;

import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import java.nio.file.Path;
import java.util.Set;

class InMemoryStoreContractTest extends StoreContract {

  @Override
  protected Set<Feature> features() {
    return Set.of(Feature.REOPENS, Feature.SHARED, Feature.LISTS_RECORDS);
  }

  @Override
  protected StoreSource sourceIn(Path directory) {
    return InMemoryStore.create();
  }
}
