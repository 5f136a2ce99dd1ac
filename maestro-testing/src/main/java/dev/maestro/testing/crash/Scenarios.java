package dev.maestro.testing.crash;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/** Makes scenarios from their classes. */
final class Scenarios {

  private Scenarios() {}

  static CrashScenario create(String name) {
    try {
      return create(
          Class.forName(name, true, Scenarios.class.getClassLoader())
              .asSubclass(CrashScenario.class));
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("there is no class " + name + " on the class path", e);
    }
  }

  static CrashScenario create(Class<? extends CrashScenario> type) {
    try {
      if (!Modifier.isPublic(type.getModifiers())) {
        throw new IllegalArgumentException(type + " is not public");
      }
      return type.getConstructor().newInstance();
    } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
      throw new IllegalArgumentException(
          type + " needs a public constructor without parameters: each JVM makes its own", e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(type + " cannot be made", e.getCause());
    }
  }
}
