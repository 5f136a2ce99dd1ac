package dev.maestro.testing;

import static dev.maestro.testing.StoreSamples.commit;
import static dev.maestro.testing.StoreSamples.run;

import dev.maestro.store.Store;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.time.InstantSource;

/** A process that commits to the store of a {@link StoreContract} until it is killed. */
final class StoreContractMain {

  /** How many events are in each commit. */
  static final int EVENTS = 3;

  private StoreContractMain() {}

  /** Commit, and print how many events were reported durable: {@code <contract> <directory>}. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(args[0]).getDeclaredConstructor();
    constructor.setAccessible(true);
    StoreContract contract = (StoreContract) constructor.newInstance();
    try (Store store = contract.sourceIn(Path.of(args[1])).open(InstantSource.system())) {
      for (long sequence = 0; ; sequence += EVENTS) {
        commit(store, commit(run("killed"), sequence, EVENTS));
        System.out.println(sequence + EVENTS);
        System.out.flush();
      }
    }
  }
}
