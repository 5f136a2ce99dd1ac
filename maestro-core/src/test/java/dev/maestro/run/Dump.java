package dev.maestro.run;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Everything a run's state holds, field by field, as a text that two states can be compared by. */
final class Dump {

  private static final ClassValue<Collection<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected Collection<Field> computeValue(Class<?> type) {
          return sortedFieldsOf(type);
        }
      };

  // which copy of a task this is, and by whom it was made
  private static final Set<String> OF_NO_MEANING =
      Set.of(
          "fold",
          "trial",
          "round",
          "changing",
          "ownsDealings",
          "pipeline",
          "blueprint",
          "blueprints",
          "learned",
          "step",
          // what only the last decision has to say
          "ledger",
          "madeRoom",
          "corrected");

  private Dump() {}

  static String of(RunState state) {
    return fields(state, "\n");
  }

  private static String text(Field field, Object value) {
    if (value instanceof Header || value instanceof Tasks) {
      return fields(value, "\n  ");
    } else if (value instanceof Dealings) {
      return fields(value, " ");
    } else if (OF_NO_MEANING.contains(field.getName())) {
      return "";
    } else if (field.getName().equals("all")) {
      StringBuilder out = new StringBuilder();
      ((Map<?, ?>) value).values().forEach(task -> out.append("\n    ").append(fields(task, " ")));
      return out.toString();
    } else if (value instanceof Collection<?> || value instanceof TreeMap<?, ?>) {
      return String.valueOf(value);
    } else if (value instanceof Map<?, ?> unordered) {
      Map<String, Object> sorted = new TreeMap<>();
      unordered.forEach((k, v) -> sorted.put(String.valueOf(k), v));
      return sorted.toString();
    }
    return String.valueOf(value);
  }

  private static String fields(Object owner, String before) {
    StringBuilder out = new StringBuilder();
    for (Field field : FIELDS.get(owner.getClass())) {
      out.append(before)
          .append(field.getName())
          .append('=')
          .append(text(field, read(field, owner)));
    }
    return out.toString();
  }

  private static Collection<Field> sortedFieldsOf(Class<?> type) {
    Map<String, Field> fields = new TreeMap<>();
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
        field.setAccessible(true);
        fields.put(field.getName(), field);
      }
    }
    return fields.values();
  }

  private static Object read(Field field, Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
