package dev.maestro.agent;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** What the registry answers when asked who carries out a step; clients do not implement it. */
public sealed interface Routing {

  /** {@return what the function for the case at hand makes of it} */
  <T> T fold(
      Function<? super Route, ? extends T> routed, Function<? super String, ? extends T> missing);

  /** {@return the route, if there is one} */
  default Optional<Route> route() {
    return fold(Optional::of, why -> Optional.empty());
  }

  /**
   * Somebody carries it out.
   *
   * @param to who, as what, on which model
   */
  record Routed(Route to) implements Routing {

    /** Check that nothing is missing. */
    public Routed {
      Objects.requireNonNull(to, "to");
    }

    @Override
    public <T> T fold(
        Function<? super Route, ? extends T> routed,
        Function<? super String, ? extends T> missing) {
      return routed.apply(to);
    }
  }

  /**
   * Nobody here can: the reason {@code provider-missing}.
   *
   * @param why what was asked for and what there is, in one sentence
   */
  record Missing(String why) implements Routing {

    /** Check that nothing is missing. */
    public Missing {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public <T> T fold(
        Function<? super Route, ? extends T> routed,
        Function<? super String, ? extends T> missing) {
      return missing.apply(why);
    }
  }
}
