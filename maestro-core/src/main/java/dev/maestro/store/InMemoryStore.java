package dev.maestro.store;

import java.time.InstantSource;

/**
 * A store that lives as long as this object does: for tests, and for runs that need not outlive the
 * process.
 *
 * <p>What is in it stays there when it is closed and opened again, so that a second engine finds
 * what a first one left. Any number of engines may have it open at once.
 */
public final class InMemoryStore implements StoreSource {

  private final Memory memory = new Memory();

  private InMemoryStore() {}

  /** {@return a new, empty store} */
  public static InMemoryStore create() {
    return new InMemoryStore();
  }

  @Override
  public Store open(InstantSource time) {
    return new OpenMemoryStore(memory, time);
  }
}
