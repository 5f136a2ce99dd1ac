package dev.maestro.engine;

import dev.maestro.workspace.Capacity;

/** How many more tasks may start now. Confined to the loop. */
final class Slots {

  private final int limit;
  private final Capacity place;
  private int used;
  private int usedInPlace;

  Slots(int limit, Capacity place) {
    this.limit = limit;
    this.place = place;
  }

  boolean isFull() {
    return used >= limit;
  }

  boolean admits(boolean usesWorkspace) {
    return used < limit && (!usesWorkspace || usedInPlace < place.limit());
  }

  void take(boolean usesWorkspace) {
    used++;
    usedInPlace += usesWorkspace ? 1 : 0;
  }

  void giveBack(boolean usesWorkspace) {
    used--;
    usedInPlace -= usesWorkspace ? 1 : 0;
  }
}
