import type { Asked } from './fdx.ts'
import type { Account } from './invented/book.ts'
import { accountNumber } from './invented/descriptor.ts'
import type { JsonObject } from './json.ts'
import { decimal } from './money.ts'

/** FDX 6.0 `AssetTransferNetwork` of an investment account; none for the others. */
export function assetTransferNetworks(account: Account): JsonObject[] {
  if (account.key.kind !== 'investment') return []
  return [
    {
      identifier: accountNumber(account.key),
      identifierType: 'ACCOUNT_NUMBER',
      institutionName: 'Harbour Wealth',
      institutionId: '0777',
      type: account.key.country === 'CA' ? 'CA_ATON' : 'US_ACATS',
      jointAccount: false,
    },
  ]
}

/** The one reward programme, or its categories when an id is asked for. */
export function rewardAnswer({ shape, household }: Asked, id: string | undefined): JsonObject {
  const idName = shape.version === 6 ? 'rewardProgramId' : 'programId'
  const fiAttributes = [{ name: 'tierYear', value: '2026' }]
  if (id !== undefined)
    return {
      page: {},
      rewardCategories: [
        {
          rewardProgramId: id,
          categoryName: 'Groceries',
          categoryId: '5411',
          multiplier: decimal(15n, 1),
          description: 'One and a half points for groceries',
          fiAttributes,
        },
      ],
    }
  const balance = {
    name: 'Points',
    type: 'POINTS',
    balance: decimal(1_234_500n, 2),
    accruedYtd: decimal(420_000n, 2),
    redeemedYtd: decimal(100_000n, 2),
    qualifying: true,
    fiAttributes,
  }
  const membership = {
    accountIds: household.accounts.map(({ accountId }) => accountId),
    customerId: household.person.customerId,
    memberId: 'member-1',
    memberNumber: '0042',
    memberTier: 'GOLD',
    businessOrConsumer: 'CONSUMER',
    balances: [balance],
  }
  return {
    page: {},
    rewardPrograms: [
      {
        [idName]: 'reward-1',
        programName: 'Harbour points',
        programUrl: 'https://points.example.com',
        memberships: [membership],
        fiAttributes,
      },
    ],
  }
}

/** Two wrapped tax forms with the fields of FDX `TaxForm`; the second could not be made. */
export function taxForms({ household }: Asked): JsonObject {
  const base = {
    taxYear: 2025,
    corrected: false,
    accountId: household.accounts[0]?.accountId,
    taxFormId: 'tf-2025-1',
    taxFormDate: '2026-02-15',
    description: 'Interest income',
    additionalInformation: 'None',
    taxFormType: 'Tax1099Int',
    attributes: [{ name: 'box', value: '1' }],
    error: null,
    links: [],
  }
  const error = { code: '1205', message: 'Not yet available', debugMessage: 'sandbox 1205' }
  return {
    page: {},
    forms: [
      { tax1099Int: { ...base, interestIncome: decimal(4_215n, 2) } },
      { taxW2: { ...base, taxFormId: 'tf-2025-2', taxFormType: 'TaxW2', error } },
    ],
  }
}
