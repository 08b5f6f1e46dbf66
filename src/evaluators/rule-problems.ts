import { AppError, type ErrorDetails } from '../domain/base/errors.ts';

/** Gathers what is wrong with a playbook's rules, so that its author hears of everything at once. */
export type RuleProblems = {
  add: (path: string, problem: string) => void;
  /** What `make` makes, or the stand-in after its VALIDATION_ERROR was noted; other errors pass. */
  attempt: <T>(make: () => T, standIn: NoInfer<T>) => T;
  all: () => ErrorDetails;
};

export function createProblems(): RuleProblems {
  const details: ErrorDetails = {};
  return {
    add: (path, problem) => {
      details[path] = problem;
    },
    attempt: (make, standIn) => {
      try {
        return make();
      } catch (error) {
        if (!(error instanceof AppError) || !error.details) throw error;
        Object.assign(details, error.details);
        return standIn;
      }
    },
    all: () => details,
  };
}
