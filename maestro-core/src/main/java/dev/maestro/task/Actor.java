package dev.maestro.task;

import java.util.Objects;

/**
 * Who asks for a change; recorded with it.
 *
 * <p>A name may say of which side it is, before a {@code /}: {@code dashboard/ann}.
 *
 * @param name what the application calls this person or program; at most 200 characters, not blank
 */
public record Actor(String name) {

  /** The application itself, when it names nobody. */
  public static final Actor APPLICATION = new Actor("application");

  /** Maestro, for changes that no one asked for, such as recovery. */
  public static final Actor MAESTRO = new Actor("maestro");

  /** Check the name. */
  public Actor {
    Objects.requireNonNull(name, "name");
    if (name.isBlank() || name.length() > 200) {
      throw new IllegalArgumentException("an actor's name must have 1 to 200 characters");
    }
  }

  /** {@return the actor with this name} */
  public static Actor of(String name) {
    return new Actor(name);
  }

  /**
   * {@return this one, who asks from outside}
   *
   * @throws IllegalArgumentException when it calls itself what Maestro is called
   */
  public Actor somebody() {
    if (equals(MAESTRO)) {
      throw new IllegalArgumentException(
          "'" + name + "' is what Maestro calls itself; whoever else asks has another name");
    }
    return this;
  }

  /**
   * {@return whether this is that one, or one of that side}
   *
   * <p>Sides are told by name: {@code dashboard/ann} is of {@code dashboard}.
   */
  public boolean isOf(Actor side) {
    return equals(side) || name.startsWith(side.name + "/");
  }

  @Override
  public String toString() {
    return name;
  }
}
