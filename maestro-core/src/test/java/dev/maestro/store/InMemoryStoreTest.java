package dev.maestro.store;

import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InMemoryStoreTest extends StoreContract {

  @Override
  StoreSource newSource() {
    return InMemoryStore.create();
  }

  @Test
  void isSharedByAllWhoHaveItOpen() {
    StoreSource source = InMemoryStore.create();
    try (Store one = source.open(time);
        Store other = source.open(time)) {
      commit(one, commit(run("a"), 0, 1));

      assertThat(other.read(run("a"), 1)).hasSize(1);
      assertThat(commit(other, commit(run("a"), 0, 1)))
          .isEqualTo(new CommitOutcome.SequenceConflict(1));
    }
  }

  @Test
  void isEmptyWhenItIsNew() {
    InMemoryStore.create().open(time);
    try (Store store = InMemoryStore.create().open(time)) {
      assertThat(store.find(RunQuery.allOpen())).isEmpty();
    }
  }
}
