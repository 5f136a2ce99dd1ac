package dev.maestro.store;

import java.time.InstantSource;

/**
 * Where a store is and how to open it; the value an application hands to its engine.
 *
 * <p>Making one touches nothing. It may be opened again after the store it opened was closed.
 */
@FunctionalInterface
public interface StoreSource {

  /**
   * Open the store; the caller closes it.
   *
   * @param time the clock by which leases end
   * @throws StoreException when it cannot be opened, with the place, the reason and the way out
   */
  Store open(InstantSource time);
}
