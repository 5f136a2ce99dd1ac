package dev.maestro.run;

import java.util.ArrayList;
import java.util.List;

/** Lists that mostly stay empty or get a single element, and take no room for more until then. */
final class Few {

  private Few() {}

  /**
   * {@return the list with one more element}
   *
   * @param some an empty list, or what this has returned; not to be used afterwards
   */
  static <T> List<T> plus(List<T> some, T one) {
    if (some.isEmpty()) {
      return List.of(one);
    }
    List<T> more = some.size() == 1 ? new ArrayList<>(some) : some;
    more.add(one);
    return more;
  }
}
