package dev.maestro.task;

/** How much harm a change could do, from little to much; the order is that of the constants. */
public enum Risk {
  /** Little: wrong work is noticed by tests and undone without a trace. */
  LOW,
  /** Some: a person should look before others build on it. */
  MEDIUM,
  /** Much: a person should agree before anything is done. */
  HIGH;

  /** {@return whether it is as much as that, or more} */
  public boolean isAtLeast(Risk other) {
    return compareTo(other) >= 0;
  }
}
