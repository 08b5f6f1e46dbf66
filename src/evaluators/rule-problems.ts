import { AppError, type ErrorDetails } from '../domain/base/errors.ts';

/** Gathers what is wrong with a playbook's rules, so that its author hears of everything at once. */
export type RuleProblems = {
  add: (path: string, problem: string) => void;
  /**
   * What `make` gives; or `standIn`, where `make` throws an error with details, which are then kept as problems. What is
   * too much work is thrown on: others of its kind would be too.
   */
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
        if (!(error instanceof AppError) || !error.details || error.code === 'LIMIT_EXCEEDED') throw error;
        Object.assign(details, error.details);
        return standIn;
      }
    },
    all: () => details,
  };
}
